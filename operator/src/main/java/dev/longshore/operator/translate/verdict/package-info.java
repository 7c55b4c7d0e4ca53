/**
 * What is said of a resource: the problems it has, each with its field, reason and the way on, and
 * the verdict that sums them up. It knows nothing of resources.
 */
@NullMarked
package dev.longshore.operator.translate.verdict;

import org.jspecify.annotations.NullMarked;
