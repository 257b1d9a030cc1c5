/** The {@code local} provider: runs models in this process with ONNX Runtime, one package per model family. Uses audio and core. Start at LocalProvider. */
@NullMarked
package io.flowstate.engine;

import org.jspecify.annotations.NullMarked;
