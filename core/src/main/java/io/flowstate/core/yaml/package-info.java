/** YAML read with the place of every value, so that all mistakes of a file are told at once as {@code file:line:column}. */
@NullMarked
package io.flowstate.core.yaml;

import org.jspecify.annotations.NullMarked;
