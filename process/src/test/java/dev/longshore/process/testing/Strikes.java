package dev.longshore.process.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The parts of the watch that a test kills, hangs or has fail. A part of a running process that no
 * test strikes fails {@code PartsTest}.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Strikes {
  /** Names of parts. */
  String[] value();
}
