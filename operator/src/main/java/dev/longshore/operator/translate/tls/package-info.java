/** How the TLS of hosts and upstreams is read: certificates as claims, versions. */
@NullMarked
package dev.longshore.operator.translate.tls;

import org.jspecify.annotations.NullMarked;
