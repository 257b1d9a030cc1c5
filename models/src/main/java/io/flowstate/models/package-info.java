/**
 * The store of verified model files on this machine and the sources that fill it: package clients as child processes, the model hub and plain addresses by HTTP, folders.
 * Uses core, commons-compress and Apache HttpClient. Start at {@link io.flowstate.models.DiskModelStore}; what a pull does is in {@link io.flowstate.models.Pull}.
 */
@NullMarked
package io.flowstate.models;

import org.jspecify.annotations.NullMarked;
