/**
 * Whose claims win: who a host belongs to, which of the rules for one place is served, which
 * certificate a host has.
 */
@NullMarked
package dev.longshore.operator.translate.host;

import org.jspecify.annotations.NullMarked;
