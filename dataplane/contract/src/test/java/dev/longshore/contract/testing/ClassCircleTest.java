package dev.longshore.contract.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ClassCircleTest {
  /** A parent of two. */
  static final class Parent {
    @Nullable Part part;

    Object other() {
      return new OtherPart[] {new OtherPart(this)};
    }
  }

  static final class Part {
    @Nullable Parent parent;
  }

  record OtherPart(Parent parent) {}

  static final class First {
    @Nullable Second second;
  }

  static final class Second {
    @Nullable Third third;
  }

  static final class Third {
    @Nullable First first;
  }

  /** Needs others, and nobody needs it. */
  static final class Alone {
    @Nullable Parent parent;
    @Nullable First first;
  }

  private static List<ClassCircle> among(Class<?>... types) {
    return ClassCircle.among(new ClassFileImporter().importClasses(types), JavaClass::getName);
  }

  @Test
  void whoIsNeededByNobodyIsInNoCircle() {
    assertThat(among(Alone.class)).isEmpty();
  }

  @Test
  void aParentAndItsPartsAreATreeOfPairs() {
    List<ClassCircle> circles = among(Parent.class, Part.class, OtherPart.class, Alone.class);
    assertThat(circles).hasSize(1);
    assertThat(circles.getFirst().needs()).hasSize(3);
    assertThat(circles).allMatch(ClassCircle::isOfParentsAndParts);
  }

  @Test
  void aCircleOfThreeIsNone() {
    List<ClassCircle> circles =
        among(Parent.class, Part.class, First.class, Second.class, Third.class, Alone.class);
    assertThat(circles).hasSize(2);
    assertThat(circles).filteredOn(circle -> !circle.isOfParentsAndParts()).hasSize(1);
  }
}
