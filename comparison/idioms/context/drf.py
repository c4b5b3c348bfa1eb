from rest_framework import generics, serializers

from django_shop.models import StockAdjustment


class StockAdjustmentSerializer(serializers.ModelSerializer):
    class Meta:
        model = StockAdjustment
        fields = ["delta", "reason", "created_by"]
        read_only_fields = ["created_by"]


class StockAdjustmentList(generics.ListCreateAPIView):
    queryset = StockAdjustment.objects.all()
    serializer_class = StockAdjustmentSerializer

    def perform_create(self, serializer):
        serializer.save(created_by=self.request.user)
