/** What tests may count on when they use the API server. */
@NullMarked
package dev.longshore.testkube;

import org.jspecify.annotations.NullMarked;
