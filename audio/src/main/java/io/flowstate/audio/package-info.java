/** Decodes, converts and encodes audio as streams, and transforms it (STFT). Knows no model. Uses core only. Start at AudioFiles. */
@NullMarked
package io.flowstate.audio;

import org.jspecify.annotations.NullMarked;
