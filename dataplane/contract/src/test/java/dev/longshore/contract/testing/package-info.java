/** What tests of this and other modules make of the contract. */
@NullMarked
package dev.longshore.contract.testing;

import org.jspecify.annotations.NullMarked;
