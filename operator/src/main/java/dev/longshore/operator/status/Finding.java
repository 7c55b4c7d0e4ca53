package dev.longshore.operator.status;

import dev.longshore.api.v1alpha1.WebSocketRouteStatus.Address;
import dev.longshore.operator.translate.verdict.Verdict;
import java.util.List;

/**
 * What is to be said about one resource.
 *
 * @param uid of the resource that was judged
 * @param generation of it that was judged
 * @param verdict of the translator
 * @param progress on the data planes
 * @param pendingFor milliseconds since that generation was judged
 * @param addresses where clients reach it
 */
record Finding(
    String uid,
    long generation,
    Verdict verdict,
    Progress progress,
    long pendingFor,
    List<Address> addresses) {}
