package dev.longshore.operator.source.manifest;

/**
 * One thing that is wrong with a document.
 *
 * @param at where
 * @param field path such as {@code spec.locations[0].path}; empty for the whole document
 * @param message what is wrong, and what would be right; never holds a Secret's values
 */
public record Fault(Position at, String field, String message) {}
