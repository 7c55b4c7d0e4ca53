/**
 * Reads manifests from a folder, strictly and with line numbers, and follows the folder as files
 * are saved: the source of standalone mode.
 *
 * <p>The way of a file: {@link dev.longshore.operator.source.folder.FolderSource} notices and
 * settles it, {@code DocumentSplitter} cuts it at {@code ---}, {@code YamlReader} or {@code
 * JsonReader} make a tree with positions, {@code StrictReader} holds the tree against the API type,
 * {@code FolderState} decides which of several claims to a resource counts and what stays when a
 * document can't be read.
 */
@NullMarked
package dev.longshore.operator.source.folder;

import org.jspecify.annotations.NullMarked;
