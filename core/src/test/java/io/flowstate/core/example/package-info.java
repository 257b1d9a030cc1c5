/** The worked example of docs/adding-a-provider.md. */
@NullMarked
package io.flowstate.core.example;

import org.jspecify.annotations.NullMarked;
