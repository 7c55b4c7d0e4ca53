/** How what became of resources is written: rows, JSON, sentences. */
@NullMarked
package dev.longshore.cli.verdict;

import org.jspecify.annotations.NullMarked;
