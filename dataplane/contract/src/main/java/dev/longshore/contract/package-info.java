@NullMarked
package dev.longshore.contract;

import org.jspecify.annotations.NullMarked;
