/** Speed and quality beside peers. Nothing here is shipped. */
@NullMarked
package io.flowstate.bench;

import org.jspecify.annotations.NullMarked;
