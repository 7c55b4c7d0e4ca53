package dev.longshore.operator.source.manifest;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * What a field may hold, read from the Java types that Jackson fills. The API types of fabric8
 * swallow unknown fields; with their shape at hand the reader can refuse those, all at once and
 * with their line.
 */
sealed interface Shape {
  /** Fields by name. */
  record Fields(Map<String, Supplier<Shape>> byName) implements Shape {}

  /** A list. */
  record Items(Supplier<Shape> item) implements Shape {}

  /** A mapping with free keys. */
  record Values(Supplier<Shape> value) implements Shape {}

  /** One of some words. */
  record Choice(List<String> words) implements Shape {
    public Choice {
      words = List.copyOf(words);
    }
  }

  /** A value without parts. */
  enum Simple implements Shape {
    TEXT,
    INTEGER,
    LONG,
    NUMBER,
    BOOLEAN,
    INTEGER_OR_TEXT,
    ANY
  }

  /** Shapes of Java types, each made once. */
  final class Shapes {
    private final DeserializationConfig config;
    private final Map<JavaType, Shape> known = new ConcurrentHashMap<>();

    Shapes(ObjectMapper mapper) {
      this.config = mapper.getDeserializationConfig();
    }

    Shape of(Class<?> type) {
      return of(config.constructType(type));
    }

    private Shape of(JavaType type) {
      Shape shape = known.get(type);
      if (shape == null) {
        shape = make(type);
        known.put(type, shape);
      }
      return shape;
    }

    private Shape make(JavaType type) {
      Class<?> raw = type.getRawClass();
      if (type.isMapLikeType()) {
        return new Values(() -> of(type.getContentType()));
      }
      if (type.isCollectionLikeType() || type.isArrayType()) {
        return new Items(() -> of(type.getContentType()));
      }
      if (raw == String.class) {
        return Simple.TEXT;
      }
      if (raw == Integer.class || raw == int.class) {
        return Simple.INTEGER;
      }
      if (raw == Long.class || raw == long.class) {
        return Simple.LONG;
      }
      if (raw == Boolean.class || raw == boolean.class) {
        return Simple.BOOLEAN;
      }
      if (raw == Double.class || raw == double.class) {
        return Simple.NUMBER;
      }
      if (raw == IntOrString.class) {
        return Simple.INTEGER_OR_TEXT;
      }
      if (raw.isEnum()) {
        return new Choice(words(raw));
      }
      return readsItself(raw) || raw.isInterface() || raw == Object.class
          ? Simple.ANY
          : fields(type);
    }

    /** Whether a class has a reader of its own, whose form can't be told from its properties. */
    private static boolean readsItself(Class<?> raw) {
      JsonDeserialize annotation = raw.getAnnotation(JsonDeserialize.class);
      return annotation != null && annotation.using() != JsonDeserializer.None.class;
    }

    private Shape fields(JavaType type) {
      BeanDescription bean = config.introspect(type);
      Map<String, Supplier<Shape>> byName = new TreeMap<>();
      for (BeanPropertyDefinition property : bean.findProperties()) {
        if (property.couldDeserialize()) {
          JavaType of = property.getPrimaryType();
          byName.put(property.getName(), () -> of(of));
        }
      }
      return byName.isEmpty() ? Simple.ANY : new Fields(Map.copyOf(byName));
    }

    private static List<String> words(Class<?> type) {
      List<String> words = new ArrayList<>();
      for (Object constant : type.getEnumConstants()) {
        String name = ((Enum<?>) constant).name();
        try {
          JsonProperty property = type.getField(name).getAnnotation(JsonProperty.class);
          words.add(property == null ? name : property.value());
        } catch (NoSuchFieldException e) {
          throw new IllegalStateException("an enum constant without a field", e);
        }
      }
      return words;
    }
  }
}
