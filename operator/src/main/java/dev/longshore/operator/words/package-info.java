/** How near words are to each other: for what says what somebody probably meant. */
@NullMarked
package dev.longshore.operator.words;

import org.jspecify.annotations.NullMarked;
