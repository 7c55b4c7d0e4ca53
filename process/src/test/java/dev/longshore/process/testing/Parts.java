package dev.longshore.process.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/** The parts of a watch: those that a process has, that tests strike, and that the docs name. */
public final class Parts {
  private static final Pattern PART =
      Pattern.compile("longshore_watch_failing\\{part=\"([^\"]+)\"}");

  private Parts() {}

  /** Those of a running process, by its metrics. */
  public static Set<String> shownAt(InetSocketAddress metrics)
      throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI page = URI.create("http://127.0.0.1:" + metrics.getPort() + "/metrics");
      String text =
          client.send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofString()).body();
      Set<String> parts = new TreeSet<>();
      PART.matcher(text).results().forEach(found -> parts.add(found.group(1)));
      return parts;
    }
  }

  /** Those that a test of a package, or of one within it, {@linkplain Strikes strikes}. */
  public static Set<String> struckIn(String tests) {
    Set<String> struck = new TreeSet<>();
    for (Class<?> test :
        ReflectionSupport.findAllClassesInPackage(
            tests, _ -> true, name -> name.endsWith("Test"))) {
      AnnotationSupport.findAnnotatedMethods(test, Strikes.class, HierarchyTraversalMode.TOP_DOWN)
          .forEach(method -> struck.addAll(List.of(method.getAnnotation(Strikes.class).value())));
    }
    return struck;
  }

  /** Asks that docs/metrics.md name each. */
  public static void assertInTheDocs(Set<String> parts) throws IOException {
    String docs = Files.readString(docs());
    assertThat(parts).allSatisfy(part -> assertThat(docs).contains("`" + part + "`"));
  }

  private static Path docs() {
    return Stream.iterate(Path.of("").toAbsolutePath(), Path::getParent)
        .limit(5)
        .map(folder -> folder.resolve("docs/metrics.md"))
        .filter(Files::exists)
        .findFirst()
        .orElseThrow();
  }
}
