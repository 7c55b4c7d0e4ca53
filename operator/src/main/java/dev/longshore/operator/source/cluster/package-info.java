/**
 * The source that follows a cluster: informers whose stores are the view, so that what is published
 * is what was listed and watched, and nothing is held twice. {@code FeedFactory} says what is
 * listed, a sink takes what comes, {@code ClusterView} is what it comes to.
 */
@NullMarked
package dev.longshore.operator.source.cluster;

import org.jspecify.annotations.NullMarked;
