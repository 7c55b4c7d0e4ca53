@NullMarked
package dev.longshore.proxy;

import org.jspecify.annotations.NullMarked;
