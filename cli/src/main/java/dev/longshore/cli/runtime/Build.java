package dev.longshore.cli.runtime;

import java.nio.file.Path;
import picocli.CommandLine.IVersionProvider;

/** What is running: version, and the checkout that it was started from. */
public final class Build implements IVersionProvider {
  /** The version from the jar's manifest. */
  public static String version() {
    String version = Build.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /** The folder that the launcher was started from; else the working directory. */
  public static Path home() {
    return Path.of(System.getProperty("longshore.home", "."));
  }

  @Override
  public String[] getVersion() {
    return new String[] {
      "longshore " + version(),
      "Java "
          + Runtime.version()
          + ", "
          + System.getProperty("os.name")
          + " "
          + System.getProperty("os.arch")
    };
  }
}
