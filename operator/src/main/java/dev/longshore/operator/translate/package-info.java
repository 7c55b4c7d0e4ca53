/**
 * Turns a view of resources into a routing snapshot, and says of every resource what became of it.
 *
 * <p>The way through, which {@code IncrementalTranslation} drives only as far as a change reaches:
 * {@code ViewChanges} finds what has to be read again; {@code config.ServedClasses} is what is
 * ours; a {@code claim.ResourceTranslator}, one for each kind ({@code route}, {@code ingress}),
 * turns one resource, by itself, into {@code Claims} (rules, pools and certificates that it would
 * like to have, and problems); {@code QuotaGate} lets in what there is room for; {@code HostTable}
 * settles whose claims win; {@code TableEditor} edits the snapshot; {@code Judge} sums up. {@link
 * Translator} is the door.
 */
@NullMarked
package dev.longshore.operator.translate;

import org.jspecify.annotations.NullMarked;
