/**
 * The routing that is served, how it is replaced, and who hears of that. Whoever makes it, whatever
 * it comes from: a folder, an operator, a state that was kept.
 */
@NullMarked
package dev.longshore.proxy.table;

import org.jspecify.annotations.NullMarked;
