/**
 * What annotations of ingress-nginx on an Ingress become. The table of their names is a file per
 * family beside this package's resources; {@link
 * dev.longshore.operator.translate.ingress.nginx.ServedAnnotations} reads the values of those that
 * are served, family by family, and {@link
 * dev.longshore.operator.translate.ingress.nginx.NginxAnnotations} has those that say where a path
 * lies and where its requests go.
 */
@NullMarked
package dev.longshore.operator.translate.ingress.nginx;

import org.jspecify.annotations.NullMarked;
