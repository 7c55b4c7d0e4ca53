@NullMarked
package dev.longshore.api.v1alpha1;

import org.jspecify.annotations.NullMarked;
