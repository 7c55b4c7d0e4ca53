@NullMarked
package dev.longshore.operator.pki;

import org.jspecify.annotations.NullMarked;
