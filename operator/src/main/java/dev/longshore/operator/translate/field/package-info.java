/**
 * How values are read that many fields share: names, hosts, addresses, paths, durations, amounts. A
 * value that can't be read becomes a problem that says what it would have to be.
 */
@NullMarked
package dev.longshore.operator.translate.field;

import org.jspecify.annotations.NullMarked;
