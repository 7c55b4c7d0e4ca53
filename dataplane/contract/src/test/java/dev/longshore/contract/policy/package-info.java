@NullMarked
package dev.longshore.contract.policy;

import org.jspecify.annotations.NullMarked;
