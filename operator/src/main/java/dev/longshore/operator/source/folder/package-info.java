/**
 * Reads manifests from a folder and follows the folder as files are saved: the source of standalone
 * mode.
 *
 * <p>The way of a file: {@code FolderSource} is told of it by {@code FolderEvents}, waits in {@code
 * PendingFiles} until it is quiet, and lets {@code FileContent} read its documents by {@link
 * dev.longshore.operator.source.manifest}; {@code FolderState} decides which of several claims to a
 * resource counts and what stays when a document can't be read.
 */
@NullMarked
package dev.longshore.operator.source.folder;

import org.jspecify.annotations.NullMarked;
