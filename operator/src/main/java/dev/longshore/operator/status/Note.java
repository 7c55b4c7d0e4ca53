package dev.longshore.operator.status;

import dev.longshore.operator.source.ResourceRef;

/**
 * Something to be said in an Event.
 *
 * @param ref the resource it is about
 * @param uid of that resource; empty if not known
 * @param type {@code Normal} or {@code Warning}
 * @param reason one word for programs
 * @param action what was being done, one word for programs
 * @param message for people
 */
record Note(
    ResourceRef ref, String uid, String type, String reason, String action, String message) {}
