/**
 * What outlives the process: SQL on SQLite or PostgreSQL ({@code Database}) and blobs in a folder or an S3-compatible store. May use core.
 * Read {@code Database} first.
 */
@NullMarked
package io.flowstate.storage;

import org.jspecify.annotations.NullMarked;
