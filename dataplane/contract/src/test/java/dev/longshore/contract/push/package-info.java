@NullMarked
package dev.longshore.contract.push;

import org.jspecify.annotations.NullMarked;
