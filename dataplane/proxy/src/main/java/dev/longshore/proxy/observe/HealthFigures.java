package dev.longshore.proxy.observe;

/**
 * How the endpoints of all pools with health checks are.
 *
 * @param ejected endpoints that are ejected
 * @param unhealthy endpoints that probes have found unhealthy, and that are not ejected
 * @param panicking pools that use all their endpoints because too few are healthy
 * @param ejections ejections since the beginning
 */
public record HealthFigures(int ejected, int unhealthy, int panicking, long ejections) {}
