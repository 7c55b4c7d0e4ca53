/**
 * What one resource would like to have (rules, pools, certificates), whoever reads it, and what a
 * translator of its kind is given and gives: {@code ResourceTranslator}, {@code References}, {@code
 * Claims}.
 */
@NullMarked
package dev.longshore.operator.translate.claim;

import org.jspecify.annotations.NullMarked;
