/**
 * The operator's own certificate authority and the certificates of its push channel: made when
 * missing, renewed before they expire, and changed without anybody being cut.
 */
@NullMarked
package dev.longshore.operator.pki;

import org.jspecify.annotations.NullMarked;
