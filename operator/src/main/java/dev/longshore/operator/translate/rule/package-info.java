/**
 * What a rule may say whatever kind it is of: its path, redirects, answers, rewrites, and what ACME
 * solvers are let through to.
 */
@NullMarked
package dev.longshore.operator.translate.rule;

import org.jspecify.annotations.NullMarked;
