@NullMarked
package dev.longshore.operator.push;

import org.jspecify.annotations.NullMarked;
