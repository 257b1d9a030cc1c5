@NullMarked
package io.flowstate.models;

import org.jspecify.annotations.NullMarked;
