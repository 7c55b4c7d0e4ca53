package dev.longshore.proxy.observe;

/** What metrics say, without a server. */
public final class MetricValues {
  private MetricValues() {}

  /** The value of a metric; labels belong to its name. 0: there is none. */
  public static double of(Metrics metrics, String name) {
    String start = name + " ";
    return metrics
        .scrape("text/plain")
        .lines()
        .filter(line -> line.startsWith(start))
        .mapToDouble(line -> Double.parseDouble(line.substring(start.length())))
        .sum();
  }
}
