package dev.longshore.cli.runtime;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import dev.longshore.cli.text.Terminal;
import dev.longshore.cli.text.TextLayout;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs to standard error: for people on a terminal, one JSON object a line otherwise, unless {@link
 * LogFormat} says which. Standard output is for what a command was asked to say.
 */
public final class Logging extends ContextAwareBase implements Configurator {

  /** Made by Logback, through {@code META-INF/services}. */
  public Logging() {}

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    write(context, Terminal.shows(Terminal.STDERR));
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /**
   * Writes further lines so, wherever they go.
   *
   * @param text for people; otherwise as JSON
   */
  public static void write(boolean text) {
    ILoggerFactory factory = LoggerFactory.getILoggerFactory();
    if (factory instanceof LoggerContext context) {
      context.getLogger(Logger.ROOT_LOGGER_NAME).detachAndStopAllAppenders();
      write(context, text);
    }
  }

  private static void write(LoggerContext context, boolean text) {
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setName("stderr");
    appender.setTarget("System.err");
    appender.setEncoder(text ? text(context) : json(context));
    appender.start();
    ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(Level.WARN);
    root.addAppender(appender);
    context.getLogger("dev.longshore").setLevel(Level.INFO);
    // What fails without the API server is said by the operator, once; these say it at every try,
    // with the stack.
    context.getLogger("io.fabric8.kubernetes").setLevel(Level.ERROR);
    context.getLogger("io.fabric8.kubernetes.client.informers").setLevel(Level.OFF);
    context.getLogger("io.fabric8.kubernetes.client.extended.leaderelection").setLevel(Level.OFF);
    context.getLogger("io.javaoperatorsdk").setLevel(Level.ERROR);
  }

  private static Encoder<ILoggingEvent> text(LoggerContext context) {
    TextLayout layout = new TextLayout(ZoneId.systemDefault());
    layout.setContext(context);
    layout.start();
    LayoutWrappingEncoder<ILoggingEvent> encoder = new LayoutWrappingEncoder<>();
    encoder.setContext(context);
    encoder.setCharset(StandardCharsets.UTF_8);
    encoder.setLayout(layout);
    encoder.start();
    return encoder;
  }

  private static Encoder<ILoggingEvent> json(LoggerContext context) {
    JsonEncoder encoder = new JsonEncoder();
    encoder.setContext(context);
    encoder.setWithFormattedMessage(true);
    encoder.setWithMDC(false);
    encoder.setWithMessage(false);
    encoder.setWithArguments(false);
    encoder.setWithContext(false);
    encoder.setWithSequenceNumber(false);
    encoder.setWithNanoseconds(false);
    encoder.start();
    return encoder;
  }
}
