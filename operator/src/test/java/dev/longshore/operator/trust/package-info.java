@NullMarked
package dev.longshore.operator.trust;

import org.jspecify.annotations.NullMarked;
