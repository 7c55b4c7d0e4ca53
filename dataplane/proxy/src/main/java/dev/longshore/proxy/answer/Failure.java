package dev.longshore.proxy.answer;

/**
 * Why a request got an answer of the proxy's own, or no complete one.
 *
 * @param reason which check failed
 * @param detail in words, for operators; bounded
 */
public record Failure(Reason reason, String detail) {}
