from django.contrib.auth.models import User
from rest_framework import serializers
from rest_framework.validators import UniqueValidator


class UserSerializer(serializers.ModelSerializer):
    # For username, ModelSerializer takes it from unique=True.
    email = serializers.EmailField(
        validators=[
            UniqueValidator(User.objects.all(), lookup="iexact")
        ]
    )

    class Meta:
        model = User
        fields = ["username", "email", "password"]
        extra_kwargs = {"password": {"write_only": True}}

    def create(self, validated_data):
        return User.objects.create_user(**validated_data)
