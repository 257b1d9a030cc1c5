@NullMarked
package io.flowstate.audio;

import org.jspecify.annotations.NullMarked;
