/** Stem separation with the Demucs family of models. Start at Separation. */
@NullMarked
package io.flowstate.engine.demucs;

import org.jspecify.annotations.NullMarked;
