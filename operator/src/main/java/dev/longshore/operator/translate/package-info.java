/**
 * Turns a view of resources into a routing snapshot, and says of every resource what became of it.
 *
 * <p>The way through: {@code ServedClasses} finds what is ours; {@code RouteReader} and {@code
 * IngressReader} turn one resource, by itself, into {@code Claims} (rules, pools and certificates
 * that it would like to have, and problems); {@code HostTable} settles whose claims win; {@code
 * TableEditor} edits the snapshot; {@code VerdictBuilder} sums up. {@link Translator} drives them,
 * only as far as a change reaches.
 */
@NullMarked
package dev.longshore.operator.translate;

import org.jspecify.annotations.NullMarked;
