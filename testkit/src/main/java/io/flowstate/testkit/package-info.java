/** What tests share: makers of audio and of tiny models, fakes written by hand, and one contract suite per port. */
@NullMarked
package io.flowstate.testkit;

import org.jspecify.annotations.NullMarked;
