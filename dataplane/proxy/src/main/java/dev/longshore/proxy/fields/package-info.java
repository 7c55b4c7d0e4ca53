/**
 * Header fields as such: their names, the lists in them, and which of them end at this hop. Nothing
 * here knows a request.
 */
@NullMarked
package dev.longshore.proxy.fields;

import org.jspecify.annotations.NullMarked;
