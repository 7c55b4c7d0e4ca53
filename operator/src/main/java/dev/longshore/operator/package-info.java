@NullMarked
package dev.longshore.operator;

import org.jspecify.annotations.NullMarked;
