/**
 * What the API server does of the CRDs: {@code GeneratedCrds} makes them, {@code Admission} holds
 * manifests against them.
 */
@NullMarked
package dev.longshore.api.v1alpha1;

import org.jspecify.annotations.NullMarked;
