/**
 * The contract by itself: {@code Samples} has one of everything, {@code Colliding} names of one
 * hash, and the classes {@code *Fuzz} are read by the fuzzer.
 */
@NullMarked
package dev.longshore.contract;

import org.jspecify.annotations.NullMarked;
