/**
 * What is kept secret or proves somebody: certificates and keys of Secrets, trusted certificates,
 * credentials for upstreams, the key of affinity cookies. Nothing of it has a text form.
 */
@NullMarked
package dev.longshore.operator.translate.secret;

import org.jspecify.annotations.NullMarked;
