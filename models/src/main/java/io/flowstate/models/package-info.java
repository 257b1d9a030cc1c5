/** The store of verified model files and the sources that fill it. Uses core only. Start at DiskModelStore. */
@NullMarked
package io.flowstate.models;

import org.jspecify.annotations.NullMarked;
